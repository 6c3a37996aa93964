"""Arrays of how all pictures look, for the process `index` alone. It may use numpy, which no other process of ours loads."""
