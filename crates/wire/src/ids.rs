use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::{PartialSchema, ToSchema, openapi};
use uuid::Uuid;

/// Declares a typed identifier over a UUID: `wire::id!(/// Identifies a customer. CustomerId);`
#[macro_export]
macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            $crate::reexport::serde::Serialize, $crate::reexport::serde::Deserialize,
        )]
        #[serde(crate = "wire::reexport::serde", transparent)]
        pub struct $name($crate::reexport::uuid::Uuid);

        impl $name {
            /// A new identifier; later ones sort after earlier ones (UUIDv7).
            #[must_use]
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self($crate::reexport::uuid::Uuid::now_v7())
            }
        }
        impl From<$crate::reexport::uuid::Uuid> for $name {
            fn from(id: $crate::reexport::uuid::Uuid) -> Self {
                Self(id)
            }
        }
        impl From<$name> for $crate::reexport::uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::reexport::uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
        impl $crate::reexport::utoipa::PartialSchema for $name {
            fn schema() -> $crate::reexport::utoipa::openapi::RefOr<$crate::reexport::utoipa::openapi::schema::Schema> {
                $crate::reexport::uuid_schema()
            }
        }
        impl $crate::reexport::utoipa::ToSchema for $name {}
    };
}

/// How another system names a thing: the name of that system and its own key there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalId {
    /// The source system, such as `sap` or `zendesk`.
    #[schema(min_length = 1, max_length = 50, pattern = "^[a-z0-9][a-z0-9_.-]*$", example = "sap")]
    pub system: String,
    /// The thing's key there, kept as it came, leading zeros included.
    #[schema(min_length = 1, max_length = 200, example = "0000104711")]
    pub id: String,
}

/// A thing named by its id or by the code people read (`C-000123`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference<I> {
    Id(I),
    Code(String),
}

impl<I: From<Uuid>> FromStr for Reference<I> {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.parse::<Uuid>() {
            Ok(id) => Self::Id(id.into()),
            Err(_) => Self::Code(text.to_owned()),
        })
    }
}

impl<I: fmt::Display> fmt::Display for Reference<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Code(code) => code.fmt(f),
        }
    }
}

impl<I: fmt::Display> Serialize for Reference<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, I: From<Uuid>> Deserialize<'de> for Reference<I> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let Ok(reference) = text.parse();
        Ok(reference)
    }
}

impl<I> PartialSchema for Reference<I> {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        openapi::ObjectBuilder::new()
            .schema_type(openapi::schema::Type::String)
            .description(Some("An id (UUID) or a code such as `C-000123`."))
            .build()
            .into()
    }
}

impl<I> ToSchema for Reference<I> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Reference".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    mod wire {
        pub use crate::*;
    }
    crate::id!(
        /// For the tests here.
        ThingId
    );

    #[test]
    fn an_id_reads_as_it_writes() {
        let id = ThingId::new();
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<ThingId>(&json).unwrap(), id);
        assert_eq!(id.to_string().parse::<ThingId>().unwrap(), id);
    }

    #[test]
    fn a_reference_is_an_id_or_a_code() {
        let id = ThingId::new();
        assert_eq!(id.to_string().parse(), Ok(Reference::Id(id)));
        assert_eq!("C-000123".parse(), Ok(Reference::<ThingId>::Code("C-000123".into())));
    }
}
