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
    use database::sql_types::SqlId;

    search_terms (place, term, thing_id) {
        place -> SmallInt,
        term -> Text,
        thing_id -> SqlId,
        customer_id -> SqlId,
    }
}

diesel::table! {
    use database::sql_types::SqlId;

    search_queue (customer_id) {
        customer_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    duplicate_keys (kind, value, customer_id) {
        kind -> SmallInt,
        value -> Text,
        customer_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    duplicate_pairs (id) {
        id -> SqlId,
        first_id -> SqlId,
        second_id -> SqlId,
        score -> Integer,
        reasons -> Jsonb,
        state -> Text,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use database::sql_types::SqlId;

    duplicate_queue (customer_id) {
        customer_id -> SqlId,
    }
}

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
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    contacts,
    customer_classifications,
    customer_external_ids,
    customer_identifiers,
    customer_links,
    customers,
    order_facts,
    profile_acts,
    profile_authors,
    profile_versions,
    search_queue,
    search_terms,
    team_members,
    tier_changes,
    tier_decisions,
    tier_proposals,
);
