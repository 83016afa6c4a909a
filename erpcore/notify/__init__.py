"""Telling people by mail, and programs by signed deliveries, that something failed and that it is well again.

At intervals a worker looks at what stands (`news.py` decides what is to be told), makes messages of it in the store,
and sends those whose time has come. A cause is told once, however many records wait for it.
"""

from erpcore.notify.letter import Letter as Letter, letter as letter, trial_letter as trial_letter
from erpcore.notify.notices import Notices as Notices
from erpcore.notify.smtp import Envelope as Envelope, send_mail as send_mail
