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
        sort_name -> Text,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
        roles -> Jsonb,
        merged_into -> Nullable<SqlId>,
        custom_fields -> Jsonb,
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
        freshness -> Jsonb,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    customer_identifiers (customer_id, kind, scheme, value) {
        customer_id -> SqlId,
        #[sql_name = "type"]
        kind -> Text,
        scheme -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    customer_classifications (customer_id) {
        customer_id -> SqlId,
        industry_code -> Nullable<Text>,
        region_code -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    customer_links (id) {
        id -> SqlId,
        child_id -> SqlId,
        parent_id -> SqlId,
        kind -> Text,
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

    custom_fields (id) {
        id -> SqlId,
        key -> Text,
        label_en -> Text,
        label_zh -> Text,
        #[sql_name = "type"]
        kind -> Text,
        required -> Bool,
        rules -> Jsonb,
        retired -> Bool,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    merges (id) {
        id -> SqlId,
        survivor_id -> SqlId,
        merged_id -> SqlId,
        merged_code -> Text,
        before -> Jsonb,
        taken -> Jsonb,
        moved -> Jsonb,
        reason -> Nullable<Text>,
        merged_at -> SqlInstant,
        merged_by -> Text,
        undone_at -> Nullable<SqlInstant>,
        undone_by -> Nullable<Text>,
        cut -> Nullable<Jsonb>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    merge_moves (merge_id, part, row_key) {
        merge_id -> SqlId,
        part -> Text,
        row_key -> Text,
    }
}
