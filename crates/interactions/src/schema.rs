diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    interactions (id) {
        id -> SqlId,
        code -> Text,
        customer_id -> SqlId,
        occurred_at -> SqlInstant,
        duration_minutes -> Nullable<Integer>,
        channel -> Text,
        means -> Text,
        subject -> Text,
        notes -> Nullable<Text>,
        outcome -> Nullable<SmallInt>,
        next_step -> Nullable<Text>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    interaction_contacts (interaction_id, place) {
        interaction_id -> SqlId,
        place -> Integer,
        contact_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    interaction_staff (interaction_id, place) {
        interaction_id -> SqlId,
        place -> Integer,
        staff -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    known_customers (customer_id) {
        customer_id -> SqlId,
        sequence -> BigInt,
        code -> Text,
        tier -> Text,
        owner -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(interactions, interaction_contacts, interaction_staff, known_customers);

diesel::table! {
    use database::sql_types::SqlId;

    moved_interactions (interaction_id) {
        interaction_id -> SqlId,
        origin_id -> SqlId,
    }
}

diesel::allow_tables_to_appear_in_same_query!(interactions, moved_interactions);

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    due_contacts (kind, subject_id) {
        kind -> Text,
        subject_id -> SqlId,
        id -> SqlId,
        sequence -> BigInt,
        open -> Bool,
        origin_id -> Nullable<SqlId>,
        customer_id -> Nullable<SqlId>,
        contact_id -> Nullable<SqlId>,
        reference -> Text,
        owner -> Nullable<Text>,
        due_at -> SqlInstant,
        restricted -> Bool,
        proposed_at -> Nullable<SqlInstant>,
    }
}
