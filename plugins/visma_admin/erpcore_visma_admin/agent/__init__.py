"""The agent: a small service on the customer's Windows server that owns the DLL and answers over HTTPS.

From below: `signing` is what both sides do with the token, `settings` reads ``agent.toml``, `gate` decides whether a
request is believed, `app` is the service, `asking` asks for work where the server is not reached, `probe` looks at an
installation, `cli` is ``erpcore-adk-agent``. It stands on `erpcore_visma_admin.adk` alone and stores nothing but its
log.
"""
