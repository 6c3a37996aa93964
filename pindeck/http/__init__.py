"""What the HTML door and the API share: who is asking, streamed bodies, and bytes on their way out."""
