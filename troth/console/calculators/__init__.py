"""What if: calculators for retention, attrition, referral, lifetime value; filled in with the company's own figures."""
