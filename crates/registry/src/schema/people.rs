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
        mobile -> Nullable<Text>,
        contact_points -> Text,
        topics -> Text,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
        erased_at -> Nullable<SqlInstant>,
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
        closed_on -> Nullable<Date>,
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

    decision_chains (id) {
        id -> SqlId,
        customer_id -> SqlId,
        opportunity_id -> SqlId,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    chain_seats (position_id, opportunity_id) {
        position_id -> SqlId,
        opportunity_id -> SqlId,
        customer_id -> SqlId,
        decision_role -> Nullable<Text>,
        vote_weight -> Nullable<Integer>,
        matching_employee -> Nullable<Text>,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    influences (from_position, to_position, opportunity_id) {
        from_position -> SqlId,
        to_position -> SqlId,
        opportunity_id -> SqlId,
        customer_id -> SqlId,
        strength -> Integer,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    stance_readings (id) {
        id -> SqlId,
        customer_id -> SqlId,
        position_id -> SqlId,
        contact_id -> SqlId,
        opportunity_id -> SqlId,
        stance -> Text,
        read_on -> Date,
        read_by -> Text,
        note -> Nullable<Text>,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    consent_entries (id) {
        id -> SqlId,
        contact_id -> SqlId,
        customer_id -> SqlId,
        purpose -> Text,
        channel -> Text,
        decision -> Text,
        decided_at -> SqlInstant,
        source -> Text,
        text_version -> Nullable<Text>,
        evidence -> Nullable<Text>,
        recorded_by -> Text,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    contact_erasures (contact_id) {
        contact_id -> SqlId,
        reason -> Text,
        erased_by -> Text,
        erased_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    legal_holds (contact_id) {
        contact_id -> SqlId,
        reason -> Text,
        until_day -> Nullable<Date>,
        placed_by -> Text,
        placed_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    contact_reads (id) {
        id -> SqlId,
        contact_id -> SqlId,
        actor -> Text,
        day -> Date,
        kind -> Text,
        times -> BigInt,
        last_at -> SqlInstant,
    }
}
