"""What tests of plugins are built with: the contract kit, cassettes. Not needed to run a sync.

An author writes a subclass of `ErpContract` or `CrmContract`; see ``docs/contract.md``. Needs ``erpcore[testing]``.
"""
