diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    search_terms (place, term, thing_id) {
        place -> SmallInt,
        term -> Text,
        thing_id -> SqlId,
        customer_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;

    arrivals (position) {
        position -> BigInt,
        customer_ids -> Binary,
    }
}

diesel::table! {
    use database::sql_types::SqlId;

    search_queue (customer_id) {
        customer_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    duplicate_keys (kind, value, customer_id) {
        kind -> SmallInt,
        value -> Text,
        customer_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    duplicate_pairs (id) {
        id -> SqlId,
        first_id -> SqlId,
        second_id -> SqlId,
        score -> Integer,
        reasons -> Jsonb,
        state -> Text,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    duplicate_queue (position) {
        position -> BigInt,
        customer_id -> SqlId,
    }
}
