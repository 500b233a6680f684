#![doc = include_str!("../README.md")]

#[cfg(feature = "client")]
pub mod client;
mod entity;
mod events;
#[cfg(feature = "golden")]
pub mod golden;
mod ids;
mod money;
mod page;
mod patch;
mod words;

pub use entity::Entity;
pub use events::Event;
pub use ids::{ExternalId, Reference};
pub use money::{Currency, Money, MoneyError};
pub use page::Page;
pub use patch::present;
pub use words::Unknown;

/// What the macros name, so that a contract needs no dependency of its own for it.
#[doc(hidden)]
pub mod reexport {
    pub use {serde, utoipa, uuid};

    use utoipa::openapi::{
        RefOr,
        schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type},
    };

    pub fn uuid_schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
            .build()
            .into()
    }
}

/// An instant as it is kept and shown: microseconds, as fine as PostgreSQL stores.
#[must_use]
pub fn truncate(at: chrono::DateTime<chrono::Utc>) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}
