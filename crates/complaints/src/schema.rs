diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    complaints (id) {
        id -> SqlId,
        number -> Text,
        customer_id -> Nullable<SqlId>,
        customer_system -> Nullable<Text>,
        customer_key -> Nullable<Text>,
        contact_id -> Nullable<SqlId>,
        channel -> Text,
        subject -> Text,
        description -> Nullable<Text>,
        product -> Nullable<Text>,
        issue -> Nullable<Text>,
        remedy_sought -> Nullable<Text>,
        severity -> SmallInt,
        safety -> Bool,
        language -> Text,
        state -> Text,
        external_system -> Nullable<Text>,
        external_key -> Nullable<Text>,
        received_at -> SqlInstant,
        acknowledged_at -> Nullable<SqlInstant>,
        first_responded_at -> Nullable<SqlInstant>,
        resolved_at -> Nullable<SqlInstant>,
        closed_at -> Nullable<SqlInstant>,
        moved_at -> SqlInstant,
        reopened_count -> Integer,
        resolution -> Nullable<Text>,
        handler -> Nullable<Text>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    history (id) {
        id -> SqlId,
        complaint_id -> SqlId,
        seq -> BigInt,
        what -> Text,
        from_state -> Nullable<Text>,
        to_state -> Text,
        at -> SqlInstant,
        recorded_at -> SqlInstant,
        actor -> Text,
        note_to_customer -> Nullable<Text>,
        reason -> Nullable<Text>,
        resolution -> Nullable<Text>,
        fields -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    clocks (complaint_id) {
        complaint_id -> SqlId,
        policy -> Text,
        acknowledge_by -> SqlInstant,
        respond_by -> SqlInstant,
        resolve_by -> SqlInstant,
        verdict -> Nullable<Bool>,
        timely -> Nullable<Bool>,
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

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    known_external_ids (system, external_id, customer_id) {
        system -> Text,
        external_id -> Text,
        customer_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    imports (id) {
        id -> SqlId,
        state -> Text,
        reason -> Nullable<Text>,
        mapping -> Jsonb,
        row_count -> BigInt,
        created -> BigInt,
        updated -> BigInt,
        unchanged -> BigInt,
        refused -> BigInt,
        by_channel -> Jsonb,
        actor -> Text,
        started_at -> SqlInstant,
        finished_at -> Nullable<SqlInstant>,
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
        complaint_id -> Nullable<SqlId>,
        errors -> Jsonb,
        cells -> Jsonb,
    }
}

diesel::joinable!(clocks -> complaints (complaint_id));
diesel::allow_tables_to_appear_in_same_query!(complaints, clocks, known_customers, known_external_ids);

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    causes (id) {
        id -> SqlId,
        complaint_id -> SqlId,
        parent_id -> Nullable<SqlId>,
        depth -> Integer,
        category -> Text,
        label -> Nullable<Text>,
        text -> Text,
        state -> Text,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    corrective_actions (id) {
        id -> SqlId,
        complaint_id -> SqlId,
        cause_id -> Nullable<SqlId>,
        kind -> Text,
        text -> Text,
        owner -> Text,
        due -> Date,
        state -> Text,
        evidence -> Nullable<Text>,
        done_at -> Nullable<SqlInstant>,
        done_by -> Nullable<Text>,
        finding -> Nullable<Text>,
        checked_at -> Nullable<SqlInstant>,
        checked_by -> Nullable<Text>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlInstant;

    closure_rules (version) {
        version -> BigInt,
        root_cause_to_severity -> Nullable<SmallInt>,
        effective_action_to_severity -> Nullable<SmallInt>,
        updated_at -> SqlInstant,
        updated_by -> Text,
    }
}

diesel::joinable!(causes -> complaints (complaint_id));
diesel::allow_tables_to_appear_in_same_query!(causes, complaints);

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    merged_customers (customer_id) {
        customer_id -> SqlId,
        into_id -> Nullable<SqlId>,
        sequence -> BigInt,
    }
}

diesel::table! {
    use database::sql_types::SqlId;

    moved_complaints (complaint_id) {
        complaint_id -> SqlId,
        origin_id -> SqlId,
    }
}

diesel::allow_tables_to_appear_in_same_query!(complaints, moved_complaints);
