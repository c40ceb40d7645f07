"""Everything that is kept: found, assessed, decided, and who is at work."""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('agents',
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('name_folded', sa.String(length=400), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=True),
    sa.Column('source', sa.String(length=100), nullable=False),
    sa.Column('listing', sa.LargeBinary(), nullable=False),
    sa.Column('first_seen', sa.String(length=27), nullable=False),
    sa.Column('last_seen', sa.String(length=27), nullable=False),
    sa.Column('missing_since', sa.String(length=27), nullable=True),
    sa.Column('opted_out_at', sa.String(length=27), nullable=True),
    sa.Column('outcome', sa.String(length=30), nullable=True),
    sa.Column('outcome_reason', sa.Text(), nullable=True),
    sa.Column('outcome_at', sa.String(length=27), nullable=True),
    sa.Column('extraction_digest', sa.String(length=71), nullable=True),
    sa.Column('assessment_digest', sa.String(length=71), nullable=True),
    sa.Column('assessed_at', sa.String(length=27), nullable=True),
    sa.Column('assessor', sa.String(length=200), nullable=True),
    sa.Column('score', sa.BigInteger(), nullable=True),
    sa.Column('low', sa.BigInteger(), nullable=True),
    sa.Column('high', sa.BigInteger(), nullable=True),
    sa.Column('severity', sa.String(length=10), nullable=True),
    sa.Column('band_stable', sa.Boolean(), nullable=True),
    sa.Column('bands_open', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('not_certain', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('rejected_quotes', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('findings_hidden', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('findings_addressing', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('findings_own', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('review_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('decision', sa.String(length=10), nullable=True),
    sa.Column('reviewed_digest', sa.String(length=71), nullable=True),
    sa.Column('reviewed_at', sa.String(length=27), nullable=True),
    sa.Column('publication_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('published_review', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('published_at', sa.String(length=27), nullable=True),
    sa.Column('modified_at', sa.String(length=27), nullable=True),
    sa.Column('withdrawn_at', sa.String(length=27), nullable=True),
    sa.Column('evidence_lost', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('evidence_lost_since', sa.String(length=27), nullable=True),
    sa.Column('evidence_lost_paths', sa.Text(), nullable=True),
    sa.Column('status', sa.String(length=12), sa.Computed("CASE\n WHEN opted_out_at IS NOT NULL THEN 'opted_out'\n WHEN withdrawn_at IS NOT NULL THEN 'withdrawn'\n WHEN assessment_digest IS NULL AND outcome = 'no_text' THEN 'no_text'\n WHEN assessment_digest IS NULL AND outcome IS NOT NULL THEN 'unreachable'\n WHEN assessment_digest IS NULL THEN 'listed'\n WHEN reviewed_digest = assessment_digest AND decision = 'reject' THEN 'rejected'\n WHEN reviewed_digest = assessment_digest AND published_review = review_id THEN 'published'\n WHEN reviewed_digest = assessment_digest AND decision = 'approve' THEN 'approved'\n WHEN published_review IS NOT NULL THEN 'changed'\n ELSE 'draft' END", persisted=True), nullable=True),
    sa.Column('priority', sa.Integer(), sa.Computed('bands_open * 1000 + (CASE WHEN evidence_lost > 9 THEN 9 ELSE evidence_lost END) * 100\n + (CASE WHEN findings_addressing > 0 THEN 10 ELSE 0 END) + (CASE WHEN review_id IS NULL THEN 1 ELSE 0 END)', persisted=True), nullable=True),
    sa.PrimaryKeyConstraint('slug', name=op.f('pk_agents'))
    )
    with op.batch_alter_table('agents', schema=None) as batch_op:
        batch_op.create_index('ix_agents_assessed_at', ['assessed_at', 'slug'], unique=False)
        batch_op.create_index('ix_agents_name_folded', ['name_folded'], unique=False)
        batch_op.create_index('ix_agents_outcome_at', ['outcome_at'], unique=False)
        batch_op.create_index('ix_agents_priority', [sa.literal_column('priority DESC'), 'assessed_at', 'slug'], unique=False)
        batch_op.create_index('ix_agents_score', ['score', 'slug'], unique=False)
        batch_op.create_index('ix_agents_source', ['source', 'slug'], unique=False)
        batch_op.create_index('ix_agents_status_priority', ['status', sa.literal_column('priority DESC'), 'assessed_at', 'slug'], unique=False)
        batch_op.create_index('ix_agents_status_score', ['status', 'score', 'slug'], unique=False)

    op.create_table('budget_blocks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('budget', sa.String(length=100), nullable=False),
    sa.Column('holder', sa.String(length=200), nullable=False),
    sa.Column('reserved', sa.BigInteger(), nullable=False),
    sa.Column('spent', sa.BigInteger(), nullable=False),
    sa.Column('until', sa.String(length=27), nullable=False),
    sa.Column('settled_at', sa.String(length=27), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budget_blocks'))
    )
    with op.batch_alter_table('budget_blocks', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_budget_blocks_budget'), ['budget'], unique=False)

    op.create_table('completions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('key', sa.String(length=71), nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('run', sa.String(length=40), nullable=True),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.Column('model', sa.String(length=200), nullable=False),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('prompt_tokens', sa.Integer(), nullable=False),
    sa.Column('cached_tokens', sa.Integer(), nullable=False),
    sa.Column('completion_tokens', sa.Integer(), nullable=False),
    sa.Column('calls', sa.Integer(), nullable=False),
    sa.Column('cost', sa.BigInteger(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('parts', sa.LargeBinary(), nullable=True),
    sa.Column('answered', sa.String(length=71), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_completions')),
    sa.UniqueConstraint('answered', name=op.f('uq_completions_answered'))
    )
    with op.batch_alter_table('completions', schema=None) as batch_op:
        batch_op.create_index('ix_completions_key', ['key'], unique=False)
        batch_op.create_index(batch_op.f('ix_completions_run'), ['run'], unique=False)
        batch_op.create_index(batch_op.f('ix_completions_slug'), ['slug'], unique=False)

    op.create_table('event_head',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.String(length=71), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event_head'))
    )
    op.create_table('events',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.Column('actor', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=50), nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('payload', sa.Text(), nullable=False),
    sa.Column('previous', sa.String(length=71), nullable=False),
    sa.Column('digest', sa.String(length=71), nullable=False),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_events'))
    )
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.create_index('ix_events_slug', ['slug', 'sequence'], unique=False)

    op.create_table('fetches',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('run', sa.String(length=40), nullable=True),
    sa.Column('slug', sa.String(length=100), nullable=True),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('outcome', sa.String(length=30), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.Column('sent', sa.Boolean(), nullable=False),
    sa.Column('bytes_received', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fetches'))
    )
    with op.batch_alter_table('fetches', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_fetches_run'), ['run'], unique=False)
        batch_op.create_index(batch_op.f('ix_fetches_url'), ['url'], unique=False)

    op.create_table('generations',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.Column('digest', sa.String(length=71), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_generations'))
    )
    op.create_table('hosts',
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('memory', sa.Text(), nullable=False),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.PrimaryKeyConstraint('host', name=op.f('pk_hosts'))
    )
    op.create_table('leases',
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('holder', sa.String(length=200), nullable=False),
    sa.Column('taken_at', sa.String(length=27), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('until', sa.String(length=27), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_leases'))
    )
    op.create_table('pages',
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('outcome', sa.String(length=30), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.Column('not_before', sa.String(length=27), nullable=True),
    sa.Column('digest', sa.String(length=71), nullable=True),
    sa.Column('etag', sa.Text(), nullable=True),
    sa.Column('last_modified', sa.Text(), nullable=True),
    sa.Column('fetched_at', sa.String(length=27), nullable=True),
    sa.PrimaryKeyConstraint('url', name=op.f('pk_pages'))
    )
    with op.batch_alter_table('pages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pages_host'), ['host'], unique=False)

    op.create_table('people',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('secret', sa.Text(), nullable=True),
    sa.Column('added_at', sa.String(length=27), nullable=False),
    sa.Column('disabled_at', sa.String(length=27), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_people'))
    )
    op.create_table('prompts',
    sa.Column('digest', sa.String(length=71), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_prompts'))
    )
    op.create_table('runs',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=50), nullable=False),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('holder', sa.String(length=200), nullable=False),
    sa.Column('started_at', sa.String(length=27), nullable=False),
    sa.Column('finished_at', sa.String(length=27), nullable=True),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_runs'))
    )
    with op.batch_alter_table('runs', schema=None) as batch_op:
        batch_op.create_index('ix_runs_kind', ['kind', 'started_at'], unique=False)

    op.create_table('snapshots',
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('digest', sa.String(length=71), nullable=False),
    sa.Column('fetched_at', sa.String(length=27), nullable=False),
    sa.Column('length', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('blob_dropped_at', sa.String(length=27), nullable=True),
    sa.PrimaryKeyConstraint('url', 'digest', name=op.f('pk_snapshots'))
    )
    with op.batch_alter_table('snapshots', schema=None) as batch_op:
        batch_op.create_index('ix_snapshots_digest', ['digest'], unique=False)

    op.create_table('sources',
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('kind', sa.String(length=50), nullable=False),
    sa.Column('location', sa.Text(), nullable=False),
    sa.Column('options', sa.Text(), nullable=False),
    sa.Column('added_at', sa.String(length=27), nullable=False),
    sa.Column('last_count', sa.Integer(), nullable=True),
    sa.Column('last_taken_at', sa.String(length=27), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_sources'))
    )
    op.create_table('texts',
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('page_digest', sa.String(length=71), nullable=False),
    sa.Column('parser', sa.String(length=50), nullable=False),
    sa.Column('text_digest', sa.String(length=71), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('url', 'page_digest', 'parser', name=op.f('pk_texts'))
    )
    with op.batch_alter_table('texts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_texts_text_digest'), ['text_digest'], unique=False)

    op.create_table('tokens',
    sa.Column('digest', sa.String(length=71), nullable=False),
    sa.Column('purpose', sa.String(length=30), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('data', sa.Text(), nullable=False),
    sa.Column('created_at', sa.String(length=27), nullable=False),
    sa.Column('until', sa.String(length=27), nullable=False),
    sa.Column('used_at', sa.String(length=27), nullable=True),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_tokens'))
    )
    with op.batch_alter_table('tokens', schema=None) as batch_op:
        batch_op.create_index('ix_tokens_subject', ['purpose', 'subject'], unique=False)

    op.create_table('agent_pages',
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['slug'], ['agents.slug'], name=op.f('fk_agent_pages_slug')),
    sa.PrimaryKeyConstraint('slug', 'url', name=op.f('pk_agent_pages'))
    )
    with op.batch_alter_table('agent_pages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agent_pages_url'), ['url'], unique=False)

    op.create_table('aliases',
    sa.Column('alias', sa.String(length=200), nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.ForeignKeyConstraint(['slug'], ['agents.slug'], name=op.f('fk_aliases_slug')),
    sa.PrimaryKeyConstraint('alias', name=op.f('pk_aliases'))
    )
    with op.batch_alter_table('aliases', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_aliases_slug'), ['slug'], unique=False)

    op.create_table('claim_decisions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('path', sa.String(length=100), nullable=False),
    sa.Column('verdict', sa.String(length=30), nullable=False),
    sa.Column('assessment_digest', sa.String(length=71), nullable=False),
    sa.Column('source_digest', sa.String(length=71), nullable=False),
    sa.Column('claim_digest', sa.String(length=71), nullable=False),
    sa.Column('amendments', sa.Text(), nullable=False),
    sa.Column('reviewer', sa.String(length=200), nullable=False),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('undone', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['slug'], ['agents.slug'], name=op.f('fk_claim_decisions_slug')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim_decisions'))
    )
    with op.batch_alter_table('claim_decisions', schema=None) as batch_op:
        batch_op.create_index('ix_claim_decisions_slug', ['slug', 'id'], unique=False)

    op.create_table('corrections',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('correction', sa.String(length=100), nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('actor', sa.String(length=200), nullable=False),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['slug'], ['agents.slug'], name=op.f('fk_corrections_slug')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_corrections'))
    )
    with op.batch_alter_table('corrections', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_corrections_correction'), ['correction'], unique=False)
        batch_op.create_index(batch_op.f('ix_corrections_slug'), ['slug'], unique=False)

    op.create_table('endings',
    sa.Column('run', sa.String(length=40), nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('outcome', sa.String(length=30), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.ForeignKeyConstraint(['run'], ['runs.id'], name=op.f('fk_endings_run')),
    sa.ForeignKeyConstraint(['slug'], ['agents.slug'], name=op.f('fk_endings_slug')),
    sa.PrimaryKeyConstraint('run', 'slug', name=op.f('pk_endings'))
    )
    op.create_table('extractions',
    sa.Column('digest', sa.String(length=71), nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['slug'], ['agents.slug'], name=op.f('fk_extractions_slug')),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_extractions'))
    )
    with op.batch_alter_table('extractions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_extractions_slug'), ['slug'], unique=False)

    op.create_table('notes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('path', sa.String(length=100), nullable=False),
    sa.Column('author', sa.String(length=200), nullable=False),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['slug'], ['agents.slug'], name=op.f('fk_notes_slug')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notes'))
    )
    with op.batch_alter_table('notes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notes_slug'), ['slug'], unique=False)

    op.create_table('requests',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('actor', sa.String(length=200), nullable=False),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.Column('done_at', sa.String(length=27), nullable=True),
    sa.Column('result', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['slug'], ['agents.slug'], name=op.f('fk_requests_slug')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_requests'))
    )
    with op.batch_alter_table('requests', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_requests_slug'), ['slug'], unique=False)

    op.create_table('reviews',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('assessment_digest', sa.String(length=71), nullable=False),
    sa.Column('decision', sa.String(length=10), nullable=False),
    sa.Column('reviewer', sa.String(length=200), nullable=False),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.Column('automatic', sa.Boolean(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=True),
    sa.Column('digest', sa.String(length=71), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['slug'], ['agents.slug'], name=op.f('fk_reviews_slug')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reviews'))
    )
    with op.batch_alter_table('reviews', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reviews_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_reviews_slug'), ['slug'], unique=False)

    op.create_table('shards',
    sa.Column('run', sa.String(length=40), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('work', sa.Text(), nullable=False),
    sa.Column('holder', sa.String(length=200), nullable=False),
    sa.Column('until', sa.String(length=27), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('result', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['run'], ['runs.id'], name=op.f('fk_shards_run')),
    sa.PrimaryKeyConstraint('run', 'key', name=op.f('pk_shards'))
    )
    op.create_table('sightings',
    sa.Column('source', sa.String(length=100), nullable=False),
    sa.Column('identity', sa.String(length=2000), nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('first_seen', sa.String(length=27), nullable=False),
    sa.Column('last_seen', sa.String(length=27), nullable=False),
    sa.Column('missing_since', sa.String(length=27), nullable=True),
    sa.ForeignKeyConstraint(['slug'], ['agents.slug'], name=op.f('fk_sightings_slug')),
    sa.PrimaryKeyConstraint('source', 'identity', name=op.f('pk_sightings'))
    )
    with op.batch_alter_table('sightings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sightings_slug'), ['slug'], unique=False)

    op.create_table('assessments',
    sa.Column('digest', sa.String(length=71), nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('extraction_digest', sa.String(length=71), nullable=False),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.Column('score', sa.BigInteger(), nullable=True),
    sa.Column('low', sa.BigInteger(), nullable=False),
    sa.Column('high', sa.BigInteger(), nullable=False),
    sa.Column('severity', sa.String(length=10), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['extraction_digest'], ['extractions.digest'], name=op.f('fk_assessments_extraction_digest')),
    sa.ForeignKeyConstraint(['slug'], ['agents.slug'], name=op.f('fk_assessments_slug')),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_assessments'))
    )
    with op.batch_alter_table('assessments', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assessments_extraction_digest'), ['extraction_digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_assessments_slug'), ['slug'], unique=False)

    op.create_table('publications',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('record', sa.String(length=110), nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=71), nullable=False),
    sa.Column('review', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('published', sa.String(length=27), nullable=False),
    sa.Column('modified', sa.String(length=27), nullable=False),
    sa.Column('withdrawn', sa.String(length=27), nullable=True),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['generation'], ['generations.number'], name=op.f('fk_publications_generation')),
    sa.ForeignKeyConstraint(['review'], ['reviews.id'], name=op.f('fk_publications_review')),
    sa.ForeignKeyConstraint(['slug'], ['agents.slug'], name=op.f('fk_publications_slug')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publications'))
    )
    with op.batch_alter_table('publications', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_publications_generation'), ['generation'], unique=False)
        batch_op.create_index(batch_op.f('ix_publications_modified'), ['modified'], unique=False)
        batch_op.create_index(batch_op.f('ix_publications_slug'), ['slug'], unique=False)

    op.create_table('history',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('assessment_digest', sa.String(length=71), nullable=False),
    sa.Column('at', sa.String(length=27), nullable=False),
    sa.ForeignKeyConstraint(['assessment_digest'], ['assessments.digest'], name=op.f('fk_history_assessment_digest')),
    sa.ForeignKeyConstraint(['slug'], ['agents.slug'], name=op.f('fk_history_slug')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_history'))
    )
    with op.batch_alter_table('history', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_history_slug'), ['slug'], unique=False)
    op.execute("INSERT INTO event_head (id, sequence, digest) VALUES (1, 0, 'sha256:%s')" % ("0" * 64))
