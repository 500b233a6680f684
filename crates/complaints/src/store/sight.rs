//! As much of the complaints as a caller may see.

diesel::define_sql_function! {
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// Narrows a boxed query over `complaints` to what this sight reaches.
macro_rules! seen {
    ($rows:expr, $sight:expr) => {{
        use $crate::domain::Sight;
        use $crate::store::sight::lower;
        match $sight {
            Sight::All => $rows,
            Sight::Unrestricted => $rows.filter(complaints::about_staff.is_null()),
            Sight::NotAbout(name) => $rows.filter(
                complaints::about_staff.is_null().or(lower(complaints::about_staff.assume_not_null()).ne(name.clone())),
            ),
        }
    }};
}

pub(super) use seen;
