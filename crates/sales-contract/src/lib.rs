#![doc = include_str!("../README.md")]

pub mod v1;

wire::id!(
    /// Identifies an order.
    OrderId
);
wire::id!(
    /// Identifies an invoice.
    InvoiceId
);
