/// A word that is none of the values of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not one of {1}")]
pub struct Unknown(pub String, pub String);

/// Declares an enumeration whose one spelling serves JSON, the database and query strings alike; whoever declares one
/// depends on `serde` and `utoipa`. (`tt`: the derive of the schema does not see through a `literal`.)
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
            ::serde::Serialize, ::serde::Deserialize, ::utoipa::ToSchema,
        )]
        $(#[$meta])*
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Unknown;

            fn from_str(word: &str) -> Result<Self, $crate::Unknown> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::Unknown(word.to_owned(), [$($word),+].join(", "))),
                }
            }
        }
    };
}
