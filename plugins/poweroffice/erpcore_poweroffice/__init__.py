"""PowerOffice Go for erpcore. The plugin is `erpcore_poweroffice.plugin.PowerOfficePlugin`."""
