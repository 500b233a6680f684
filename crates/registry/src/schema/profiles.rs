diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    profile_versions (id) {
        id -> SqlId,
        customer_id -> SqlId,
        section -> Text,
        number -> BigInt,
        state -> Text,
        round -> BigInt,
        content -> Jsonb,
        evidence -> Jsonb,
        valid_until -> Nullable<Date>,
        submitted_at -> Nullable<SqlInstant>,
        approved_at -> Nullable<SqlInstant>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    profile_authors (version_id, author) {
        version_id -> SqlId,
        author -> Text,
        at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    profile_acts (id) {
        id -> SqlId,
        version_id -> SqlId,
        round -> BigInt,
        act -> Text,
        actor -> Text,
        comment -> Nullable<Text>,
        at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    vendors (id) {
        id -> SqlId,
        customer_id -> SqlId,
        kind -> Text,
        name -> Text,
        strengths -> Jsonb,
        weaknesses -> Jsonb,
        relations -> Jsonb,
        note -> Nullable<Text>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
        same_as -> Nullable<SqlId>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    vendor_share_tables (id) {
        id -> SqlId,
        customer_id -> SqlId,
        period -> Text,
        revision -> BigInt,
        lines -> Jsonb,
        recorded_by -> Text,
        recorded_at -> SqlInstant,
    }
}
