"""What nobody asks for by hand: sweeps, checks, repair and the doctor.

Uses every other service.
"""
