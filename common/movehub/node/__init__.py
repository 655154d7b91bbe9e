"""The node of a national system: it receives, processes, answers and sends messages, and loses none.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, 1.1 (asynchronous interface) and Annex VI.
"""
