"""What every site does with a request: its body, its limits, its parts, its host."""
