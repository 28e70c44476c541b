-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "advance_at" TIMESTAMPTZ(3),
ADD COLUMN     "advance_tries" INTEGER NOT NULL DEFAULT 0;

-- One place to look for what is unfinished, instead of one for each way to be so.
CREATE INDEX "orders_to_advance" ON "orders"("advance_at") WHERE "advance_at" IS NOT NULL;
DROP INDEX "orders_to_settle";
DROP INDEX "orders_to_follow_up";
