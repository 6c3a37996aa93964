"""What nobody asks for by hand: sweeps, checks, repair and the doctor.

It may use every other service.
"""
