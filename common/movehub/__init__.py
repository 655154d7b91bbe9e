"""What TACHOnet and ERRU share: both run on the Commission's one hub, MOVEHUB.

Import `tachonet_client` or `erru_client`; what is here serves them both.
"""
