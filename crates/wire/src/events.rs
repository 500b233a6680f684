use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// A fact that a service tells the others, as a snapshot of what it is about.
pub trait Event: Serialize + DeserializeOwned {
    /// `<service>.<aggregate>.<past tense>.v<N>`, also the routing key.
    const TYPE: &'static str;

    /// The id of the aggregate that changed.
    fn subject(&self) -> Uuid;

    /// The aggregate's version after the change: consumers ignore what is not newer than what they have.
    fn sequence(&self) -> i64;
}

/// Declares events that tell a fact and nothing else: `wire::events! { OrderChanged(OrderFact) = ORDER_CHANGED, order_id; }`
/// The fact has a field `sequence`; the field named last is what the event is about.
#[macro_export]
macro_rules! events {
    ($($(#[$about:meta])* $name:ident($fact:ident) = $type:ident, $subject:ident;)+) => { $(
        $(#[$about])*
        #[derive(
            Debug, Clone, PartialEq, Eq,
            $crate::reexport::serde::Serialize, $crate::reexport::serde::Deserialize, $crate::reexport::utoipa::ToSchema,
        )]
        #[serde(crate = "wire::reexport::serde", transparent)]
        pub struct $name(pub $fact);

        impl $crate::Event for $name {
            const TYPE: &'static str = $type;

            fn subject(&self) -> $crate::reexport::uuid::Uuid {
                self.0.$subject.into()
            }

            fn sequence(&self) -> i64 {
                self.0.sequence
            }
        }

        impl From<$fact> for $name {
            fn from(fact: $fact) -> Self {
                Self(fact)
            }
        }
    )+ };
}

/// Declares the constant `GOLDEN`, which has one example of every event, type and data, as it is in the contract's files.
#[macro_export]
macro_rules! golden {
    ($($event:ident = $file:literal),+ $(,)?) => {
        /// One example of every event: type and data. Kept as files; a diff fails a test here, and consumers are fed
        /// them all.
        pub const GOLDEN: &[(&str, &str)] =
            &[$((<$event as $crate::Event>::TYPE, include_str!(concat!("../golden/", $file)))),+];
    };
}
