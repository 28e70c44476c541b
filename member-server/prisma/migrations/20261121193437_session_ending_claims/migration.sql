-- AlterTable
ALTER TABLE "session_endings" ADD COLUMN     "claimed_until" TIMESTAMPTZ(3);
