/// All fact tables have one shape, so that one code serves them. Only a complaint may really lack its customer.
macro_rules! fact_tables {
    ($($table:ident { $($extra:tt)* })+) => { $(
        diesel::table! {
            use database::sql_types::{SqlId, SqlInstant};
            use diesel::sql_types::*;

            $table (id) {
                id -> SqlId,
                customer_id -> Nullable<SqlId>,
                sequence -> BigInt,
                changed_at -> SqlInstant,
                data -> Jsonb,
                $($extra)*
            }
        }
    )+ };
}

fact_tables! {
    customer_facts { code -> Text, }
    contact_facts {}
    position_facts {}
    holding_facts {}
    interaction_facts {}
    complaint_facts {}
}

diesel::table! {
    use database::sql_types::{SqlId, SqlInstant};
    use diesel::sql_types::*;

    dirty_customers (customer_id) {
        customer_id -> SqlId,
        since -> SqlInstant,
        mark -> BigInt,
    }
}

diesel::table! {
    use database::sql_types::{SqlId, SqlInstant};
    use diesel::sql_types::*;

    scores (id) {
        id -> SqlId,
        customer_code -> Text,
        tier -> Text,
        owner -> Nullable<Text>,
        engagement -> BigInt,
        satisfaction -> BigInt,
        level -> Text,
        confidence -> Text,
        satisfaction_confidence -> Text,
        inputs -> Jsonb,
        reasons -> Jsonb,
        policy_version -> Text,
        as_of -> SqlInstant,
        version -> BigInt,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use database::sql_types::{SqlId, SqlInstant};
    use diesel::sql_types::*;

    score_history (id) {
        id -> SqlId,
        customer_id -> SqlId,
        version -> BigInt,
        engagement -> BigInt,
        satisfaction -> BigInt,
        level -> Text,
        confidence -> Text,
        satisfaction_confidence -> Text,
        inputs -> Jsonb,
        reasons -> Jsonb,
        policy_version -> Text,
        as_of -> SqlInstant,
    }
}

// As customer-merges has it; joins are between tables of one crate.
diesel::table! {
    use database::sql_types::SqlId;
    use diesel::sql_types::*;

    merged_customers (customer_id) {
        customer_id -> SqlId,
        into_id -> Nullable<SqlId>,
        sequence -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(scores, merged_customers);
