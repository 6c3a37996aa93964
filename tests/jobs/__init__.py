"""What a worker does with a job, in a child of its own."""
