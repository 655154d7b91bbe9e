"""A national system's node: it receives, works, answers and sends, and loses nothing on the way.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, 1.1 (asynchronous interface) and Annex VI.
"""
