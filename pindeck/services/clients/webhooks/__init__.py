"""Programs that are told what becomes of pictures: their addresses, the messages for each, and the sending.

It may use the rest of `clients`, the queue and the fetcher. Those who do something to pictures write the messages.
"""
