"""The ADK (Administration Development Kit): Visma Administration's own native interface, through ctypes.

From below: `abi` says how calls look in memory, `library` finds and loads the DLL, `native` calls its functions,
`records` reads and writes whole records, `company` opens and closes a company under the lease, `calls` is the closed
list of what may be asked, and `owner` is the one thread that does it. Nothing here knows erpcore or HTTP, so that the
agent can stand on it alone.
"""
