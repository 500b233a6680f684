diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    customers (id) {
        id -> SqlId,
        code -> Text,
        name -> Text,
        short_name -> Nullable<Text>,
        kind -> Text,
        tier -> Text,
        lifecycle -> Text,
        industry -> Nullable<Text>,
        country -> Nullable<Text>,
        region -> Nullable<Text>,
        city -> Nullable<Text>,
        address -> Nullable<Text>,
        website -> Nullable<Text>,
        phone -> Nullable<Text>,
        language -> Text,
        time_zone -> Text,
        currency -> Text,
        parent_id -> Nullable<SqlId>,
        owner -> Nullable<Text>,
        annual_revenue_minor -> Nullable<BigInt>,
        annual_revenue_currency -> Nullable<Text>,
        employees -> Nullable<BigInt>,
        founded_year -> Nullable<Integer>,
        tax_id -> Nullable<Text>,
        search_text -> Text,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    customer_external_ids (system, external_id) {
        system -> Text,
        external_id -> Text,
        customer_id -> SqlId,
        source_updated_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    contacts (id) {
        id -> SqlId,
        customer_id -> SqlId,
        name -> Text,
        title -> Nullable<Text>,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        preferred_channel -> Nullable<Text>,
        language -> Nullable<Text>,
        note -> Nullable<Text>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    positions (id) {
        id -> SqlId,
        customer_id -> SqlId,
        title -> Text,
        level -> Nullable<Integer>,
        reports_to -> Nullable<SqlId>,
        decision_role -> Nullable<Text>,
        vote_weight -> Nullable<Integer>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    holdings (id) {
        id -> SqlId,
        contact_id -> SqlId,
        position_id -> SqlId,
        customer_id -> SqlId,
        from_day -> Date,
        until_day -> Nullable<Date>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

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

diesel::allow_tables_to_appear_in_same_query!(customers, customer_external_ids);
diesel::allow_tables_to_appear_in_same_query!(imports, import_pieces);
