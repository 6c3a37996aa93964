"""The list of kinds of jobs and of what may become of one."""
