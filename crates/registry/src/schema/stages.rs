diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    lifecycle_moves (id) {
        id -> SqlId,
        customer_id -> SqlId,
        from_stage -> Text,
        to_stage -> Text,
        moved_at -> SqlInstant,
        moved_by -> Text,
        rule -> Nullable<Text>,
        policy -> Nullable<BigInt>,
        order_system -> Nullable<Text>,
        order_id -> Nullable<Text>,
        ordered_on -> Nullable<Date>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    order_facts (system, order_id) {
        system -> Text,
        order_id -> Text,
        customer_id -> SqlId,
        ordered_on -> Date,
        cancelled -> Bool,
        source_updated_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlInstant;

    lifecycle_policies (version) {
        version -> BigInt,
        repeat_within_days -> Integer,
        lapse_after_days -> Integer,
        set_by -> Text,
        set_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    qualification_policies (id) {
        id -> SqlId,
        number -> BigInt,
        terms -> Jsonb,
        created_by -> Text,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    qualifications (id) {
        id -> SqlId,
        customer_id -> SqlId,
        policy -> BigInt,
        answers -> Jsonb,
        result -> Jsonb,
        decision -> Nullable<Text>,
        decision_number -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<SqlInstant>,
        version -> BigInt,
        created_by -> Text,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    tier_policies (id) {
        id -> SqlId,
        code -> Text,
        revision -> Integer,
        name -> Text,
        name_zh -> Text,
        tiers -> Jsonb,
        active -> Bool,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    tier_proposals (id) {
        id -> SqlId,
        customer_id -> SqlId,
        policy_id -> SqlId,
        policy_version -> Text,
        policy_tier -> Text,
        tier -> Text,
        from_tier -> Text,
        source -> Text,
        proposed_by -> Text,
        reason -> Text,
        evidence -> Jsonb,
        effective_from -> Nullable<Date>,
        effective_at -> Nullable<SqlInstant>,
        approvals_needed -> Integer,
        state -> Text,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
        import_id -> Nullable<SqlId>,
        taken_back -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    tier_decisions (id) {
        id -> SqlId,
        proposal_id -> SqlId,
        decider -> Text,
        verdict -> Text,
        reason -> Nullable<Text>,
        decided_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    tier_changes (id) {
        id -> SqlId,
        customer_id -> SqlId,
        proposal_id -> SqlId,
        from_tier -> Text,
        to_tier -> Text,
        sequence -> BigInt,
        effective_at -> SqlInstant,
        from_policy_tier -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    first_tiers (customer_id) {
        customer_id -> SqlId,
        import_id -> Nullable<SqlId>,
        system -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    scored_tiers (customer_id) {
        customer_id -> SqlId,
        sequence -> BigInt,
        tier -> Text,
    }
}
