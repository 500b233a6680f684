//! Events of the sales service, version 1. They only grow: a field may be added with a default, never removed.

use chrono::NaiveDate;
use registry_contract::CustomerId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::{Money, events, golden};

use crate::{InvoiceId, OrderId};

pub const ORDER_CHANGED: &str = "sales.order.changed.v1";
pub const INVOICE_CHANGED: &str = "sales.invoice.changed.v1";

/// An order as it stood after the change numbered `sequence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderFact {
    pub order_id: OrderId,
    pub customer_id: CustomerId,
    pub sequence: i64,
    pub ordered_on: NaiveDate,
    pub amount: Money,
    pub cancelled: bool,
}

/// An invoice as it stood after the change numbered `sequence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceFact {
    pub invoice_id: InvoiceId,
    pub customer_id: CustomerId,
    pub sequence: i64,
    pub due_on: NaiveDate,
    pub amount: Money,
    /// When it was paid in full.
    pub paid_on: Option<NaiveDate>,
    pub cancelled: bool,
}

events! {
    /// An order came in, was changed or cancelled.
    OrderChanged(OrderFact) = ORDER_CHANGED, order_id;
}

events! {
    /// An invoice was issued, paid, changed or cancelled.
    InvoiceChanged(InvoiceFact) = INVOICE_CHANGED, invoice_id;
}

golden! {
    OrderChanged = "sales.order.changed.v1.json",
    InvoiceChanged = "sales.invoice.changed.v1.json",
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use wire::{Currency, assert_golden};

    use super::*;

    fn id(text: &str) -> Uuid {
        text.parse().expect("a UUID")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn golden_files_are_what_is_sent() {
        let customer_id = CustomerId::from(id("019a0000-0000-7000-8000-000000000001"));
        let amount = Money { minor: 123_450, currency: Currency::USD };
        assert_golden!(
            GOLDEN,
            OrderChanged(OrderFact {
                order_id: id("019a0000-0000-7000-8000-0000000000d1").into(),
                customer_id,
                sequence: 1,
                ordered_on: day("2026-03-01"),
                amount,
                cancelled: false,
            })
        );
        assert_golden!(
            GOLDEN,
            InvoiceChanged(InvoiceFact {
                invoice_id: id("019a0000-0000-7000-8000-0000000000e1").into(),
                customer_id,
                sequence: 2,
                due_on: day("2026-04-01"),
                amount,
                paid_on: Some(day("2026-04-20")),
                cancelled: false,
            })
        );
    }
}
