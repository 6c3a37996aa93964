"""What the HTML door and the API share: who is asking, streamed bodies, and bytes on their way out.

It may use services and what is below, and knows no page and no operation.
"""
