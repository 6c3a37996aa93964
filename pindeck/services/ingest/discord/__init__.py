"""What people do in Discord, through the bot's gateway or Discord's own calls: both bring the same events here.

It may use what services of imports may, and nothing that connects to Discord but the one call of `pindeck.discord.rest`, in jobs.
"""
