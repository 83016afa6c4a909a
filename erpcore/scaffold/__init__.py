"""The beginning of a new plugin, rendered from the template beside this module (``erpcore new-plugin``)."""
