-- CreateTable
CREATE TABLE "sent_events" (
    "id" UUID NOT NULL,
    "sent_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "event" JSONB NOT NULL,

    CONSTRAINT "sent_events_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "sent_events_sent_at_id_idx" ON "sent_events"("sent_at", "id");

-- Wakes the relay when the transaction commits. Equal notifications of one transaction are delivered once.
CREATE FUNCTION "announce_outbox_events"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox_events', '');
  RETURN NULL;
END
$$;

CREATE TRIGGER "outbox_events_announce" AFTER INSERT ON "outbox_events"
  FOR EACH STATEMENT EXECUTE FUNCTION "announce_outbox_events"();
