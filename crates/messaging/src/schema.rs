diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    outbox (position) {
        position -> BigInt,
        id -> SqlId,
        event_type -> Text,
        traceparent -> Nullable<Text>,
        body -> Text,
        created_at -> SqlInstant,
        lane -> SmallInt,
    }
}

diesel::table! {
    use database::sql_types::{SqlId, SqlInstant};

    inbox (event_id) {
        event_id -> SqlId,
        received_at -> SqlInstant,
    }
}
