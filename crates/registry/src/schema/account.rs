diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    teams (id) {
        id -> SqlId,
        code -> Text,
        name -> Text,
        parent_id -> Nullable<SqlId>,
        lead_id -> Nullable<SqlId>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    employees (id) {
        id -> SqlId,
        code -> Text,
        name -> Text,
        title -> Nullable<Text>,
        rank -> Nullable<Integer>,
        email -> Nullable<Text>,
        team_id -> Nullable<SqlId>,
        manager_id -> Nullable<SqlId>,
        active_from -> Date,
        active_until -> Nullable<Date>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
        freshness -> Jsonb,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    employee_external_ids (system, external_id) {
        system -> Text,
        external_id -> Text,
        employee_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    owner_periods (id) {
        id -> SqlId,
        customer_id -> SqlId,
        owner -> Nullable<Text>,
        from_day -> Date,
        until_day -> Date,
        ended_at -> SqlInstant,
        transfer_id -> Nullable<SqlId>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    team_members (id) {
        id -> SqlId,
        customer_id -> SqlId,
        employee_id -> SqlId,
        role -> Text,
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

    open_items (kind, item_id) {
        kind -> Text,
        item_id -> SqlId,
        customer_id -> Nullable<SqlId>,
        label -> Nullable<Text>,
        owner -> Nullable<Text>,
        due_at -> Nullable<SqlInstant>,
        open -> Bool,
        sequence -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    transfers (id) {
        id -> SqlId,
        customer_id -> SqlId,
        from_owner -> Nullable<Text>,
        to_owner -> Text,
        reason -> Text,
        effective_on -> Date,
        state -> Text,
        started_by -> Text,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<SqlInstant>,
        sequence -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    transfer_items (id) {
        id -> SqlId,
        transfer_id -> SqlId,
        kind -> Text,
        item_id -> SqlId,
        label -> Nullable<Text>,
        owner -> Nullable<Text>,
        due_at -> Nullable<SqlInstant>,
        outcome -> Nullable<Text>,
        note -> Nullable<Text>,
        ticked_by -> Nullable<Text>,
        ticked_at -> Nullable<SqlInstant>,
    }
}
