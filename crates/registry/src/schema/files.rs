diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    imports (id) {
        id -> SqlId,
        kind -> Text,
        name -> Text,
        state -> Text,
        mapping -> Jsonb,
        row_count -> BigInt,
        created -> BigInt,
        updated -> BigInt,
        unchanged -> BigInt,
        failed -> BigInt,
        warnings -> BigInt,
        fault -> Nullable<Text>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
        dry_run -> Bool,
        format -> Text,
        charset -> Nullable<Text>,
        total_rows -> Nullable<BigInt>,
        reverted -> BigInt,
        kept -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    import_rows (id) {
        id -> SqlId,
        import_id -> SqlId,
        row_number -> BigInt,
        outcome -> Text,
        customer_id -> Nullable<SqlId>,
        errors -> Jsonb,
        cells -> Jsonb,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    import_profiles (id) {
        id -> SqlId,
        name -> Text,
        reading -> Jsonb,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    import_pieces (import_id, number) {
        import_id -> SqlId,
        number -> BigInt,
        content -> Binary,
        stored_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    import_jobs (import_id) {
        import_id -> SqlId,
        actor -> Text,
        traceparent -> Nullable<Text>,
        how -> Jsonb,
        phase -> Text,
        position -> BigInt,
        attempts -> Integer,
        cancelled -> Bool,
        lease -> Nullable<SqlId>,
        leased_until -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    import_undo (import_id, customer_id) {
        import_id -> SqlId,
        customer_id -> SqlId,
        before -> Jsonb,
        version -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(imports, import_pieces);
