"""The XML Schemas of every edition, found with `importlib.resources.files("movehub_xsd")`."""
