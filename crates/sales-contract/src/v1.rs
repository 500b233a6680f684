//! Events of the sales service, version 1. They only grow: a field may be added with a default, never removed.

use chrono::NaiveDate;
use registry_contract::CustomerId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::{Event, Money};

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

/// An order came in, was changed or cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct OrderChanged(pub OrderFact);

impl Event for OrderChanged {
    const TYPE: &'static str = ORDER_CHANGED;

    fn subject(&self) -> Uuid {
        self.0.order_id.into()
    }

    fn sequence(&self) -> i64 {
        self.0.sequence
    }
}

/// An invoice was issued, paid, changed or cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct InvoiceChanged(pub InvoiceFact);

impl Event for InvoiceChanged {
    const TYPE: &'static str = INVOICE_CHANGED;

    fn subject(&self) -> Uuid {
        self.0.invoice_id.into()
    }

    fn sequence(&self) -> i64 {
        self.0.sequence
    }
}

/// One example of every event: type and data. Kept as files; a diff fails a test here, and consumers are fed them all.
pub const GOLDEN: &[(&str, &str)] = &[
    (OrderChanged::TYPE, include_str!("../golden/sales.order.changed.v1.json")),
    (InvoiceChanged::TYPE, include_str!("../golden/sales.invoice.changed.v1.json")),
];

#[cfg(test)]
mod tests {
    use wire::Currency;

    use super::*;

    fn id(text: &str) -> Uuid {
        text.parse().expect("a UUID")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn assert_golden<E: Event + PartialEq + std::fmt::Debug>(event: E) {
        let name = E::TYPE;
        let written = serde_json::to_string_pretty(&event).expect("JSON") + "\n";
        if std::env::var_os("GUANXI_UPDATE_GOLDEN").is_some() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/golden");
            std::fs::write(format!("{folder}/{name}.json"), &written).expect("written");
            return;
        }
        let golden = GOLDEN.iter().find(|(known, _)| *known == name).expect("a golden file").1;
        assert_eq!(written, golden, "the event {name} changed shape");
        assert_eq!(serde_json::from_str::<E>(golden).expect("readable"), event);
    }

    #[test]
    fn golden_files_are_what_is_sent() {
        let customer_id = CustomerId::from(id("019a0000-0000-7000-8000-000000000001"));
        let amount = Money { minor: 123_450, currency: Currency::USD };
        assert_golden(OrderChanged(OrderFact {
            order_id: id("019a0000-0000-7000-8000-0000000000d1").into(),
            customer_id,
            sequence: 1,
            ordered_on: day("2026-03-01"),
            amount,
            cancelled: false,
        }));
        assert_golden(InvoiceChanged(InvoiceFact {
            invoice_id: id("019a0000-0000-7000-8000-0000000000e1").into(),
            customer_id,
            sequence: 2,
            due_on: day("2026-04-01"),
            amount,
            paid_on: Some(day("2026-04-20")),
            cancelled: false,
        }));
    }
}
