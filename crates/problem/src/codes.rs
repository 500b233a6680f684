/// One row of a service's error table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable and kebab-case; also the last segment of the document's `type`.
    pub code: &'static str,
    pub status: u16,
    pub title: &'static str,
    pub title_zh: &'static str,
}

impl Code {
    /// Whether the same request may succeed a moment later.
    #[must_use]
    pub fn passes(&self) -> bool {
        [UNAVAILABLE, CONTENDED].contains(self)
    }
}

/// Something of ours broke. The cause is in the log, under the document's trace id.
pub const INTERNAL: Code =
    Code { code: "internal-error", status: 500, title: "Internal error", title_zh: "服务器内部错误" };

/// The database cannot be reached just now; trying again later may work.
pub const UNAVAILABLE: Code =
    Code {
        code: "database-unavailable", status: 503, title: "Database unavailable", title_zh: "数据库暂不可用"
    };

/// Another transaction was in the way; nothing was done, and the same request may succeed at once.
pub const CONTENDED: Code =
    Code { code: "contended", status: 409, title: "Changed by others", title_zh: "正被他人修改" };

/// A service's table of errors: implements [`Describe`](crate::Describe) for its enum, and gives `CODES`. See the
/// crate's example.
#[macro_export]
macro_rules! codes {
    (
        $error:ident {
            $(
                $variant:ident $(( $($tuple:tt)* ))? $({ $($fields:tt)* })?
                => $code:expr $(, $status:expr, $title:expr, $title_zh:expr)?;
            )+
        }
        $($method:tt)*
    ) => {
        /// Every code this table can answer with.
        pub const CODES: &[$crate::Code] = &[$($crate::code!($code $(, $status, $title, $title_zh)?)),+];

        impl $crate::Describe for $error {
            fn code(&self) -> &'static $crate::Code {
                match self {
                    $(
                        $error::$variant $(( $($tuple)* ))? $({ $($fields)* })? =>
                            const { &$crate::code!($code $(, $status, $title, $title_zh)?) },
                    )+
                }
            }
            $($method)*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! code {
    ($code:expr) => {
        $code
    };
    ($code:expr, $status:expr, $title:expr, $title_zh:expr) => {
        $crate::Code { code: $code, status: $status, title: $title, title_zh: $title_zh }
    };
}
