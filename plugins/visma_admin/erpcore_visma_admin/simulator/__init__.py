"""A Visma Administration on this machine, for tests and for trying things out.

Two things stand in for the real ones: a shared library in C with the functions of the native interface that are used,
and a server, which is the plugin's own agent in front of that library. The library needs gcc or cc; it is built when it
is first used, into the user's cache. The binding that it is tested through is the real one.

By hand (``erpcore simulate visma_admin`` prints the address; here ``$A``)::

    curl "$A/_simulator/state"
    curl -d '{"number": 5001}' "$A/_simulator/print_invoice"
    curl -d '{"number": 5001, "amount": "100.00"}' "$A/_simulator/pay"
    curl -d '{"refuse_open": 135}' "$A/_simulator/move_switches"

Actions under ``/_simulator/``: print_invoice, enter_in_ledger, pay, cancel, deliver, open_card, close_cards,
move_switches. The agent's token is ``visma-admin-demo-token-0123456789abcdef``.

Names, numbers, types and signatures are those of the published tables of the interface. Rules that no table states, and
where each comes from:

====================================================================  ================================================
rule                                                                  where from
====================================================================  ================================================
open first (80), wrong folders (137, 116), NOT_FOUND, EOF, BOF        result codes and readers' code
a number that is not set is the next of its series                    writers that read it back after AdkAdd
sums of rows, VAT by code, total, balance are computed by AdkAdd      a writer that reads them straight after
rows from 0 in AdkGetData and from 1 in AdkDeleteRow                  a Python package's tests
an unknown customer, article, unit, VAT code, coding, currency        result codes 49, 50, 47, 373, 46, 43
an invoice that names an order takes its rows, codes 217 to 688       result codes; no code that does it is public
which connection number names the order                               unconfirmed; ``connection_field``
whether the order must be delivered first                             unconfirmed; ``need_delivered``
whether the order tells its invoice, and the remark is copied         unconfirmed; ``order_tells_invoice``,
                                                                      ``copies_remark``
the customer's terms stand from AdkSetStr on, and overwrite           unconfirmed; ``defaults_at_set``
AdkFind gives nothing, or the next best record                        unconfirmed; ``find_nearest``
whether a length counts the end, and who owns the room of a text      unconfirmed; ``length_counts_end``,
                                                                      ``leads_pointer``
warnings by callback, or as the result too                            unconfirmed; ``warn``, ``warning_as_result``
what a card that somebody has open gives                              unconfirmed; ``locked_code``
times are Unix seconds, told in Swedish time                          the program's files; ``times_in_utc``
the order by time rises                                               unconfirmed; ``newest_first``
an amount of discount is flagged                                      unconfirmed; ``discount_flag_is_amount``
a customer's EXPORT or EU_CUSTOMER takes the VAT off its rows that       unconfirmed; ``vat_by_customer``
say no code
decimals of prices and quantities, whole kronor                       company settings; ``price_decimals``,
                                                                      ``quantity_decimals``, ``whole_kronor``
a dead process keeps its licence                                      unconfirmed; ``keeps_seat``
a payment counts as a change of its invoice                           unconfirmed; an argument of ``pay``
====================================================================  ================================================
"""

from .service import COMPANY, TOKEN, VismaAdminSimulator

__all__ = ["COMPANY", "TOKEN", "VismaAdminSimulator"]
