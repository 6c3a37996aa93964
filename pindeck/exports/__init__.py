"""Files that are made of pictures: contact sheets, storyboard sheets, lists. Asked for here, made by a job, kept for a while.

It may use boards, library, derivatives and files, and what draws on paper; a page loads nothing of that.
"""
