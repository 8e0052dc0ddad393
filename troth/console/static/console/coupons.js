// The form of a campaign: shows only the fields that its benefit and its kind of codes ask for.
(() => {
  const FOR_BENEFIT = { percent: ["percent", "maximum_discount"], amount: ["amount"], gift: ["gift_sku"], shipping: [] };
  const FOR_CODES = { generic: ["generic_code", "uses_total"], unique: ["size", "uses_per_coupon", "coupons_per_member", "usable_days"] };

  function follow(form, name, table) {
    const choice = form.elements[name];
    if (!choice) return;
    const depending = new Set(Object.values(table).flat());
    const show = () => {
      for (const field of depending) {
        const control = form.elements[field];
        if (control) control.closest(".field").hidden = !table[choice.value].includes(field);
      }
    };
    choice.addEventListener("change", show);
    show();
  }

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("campaign-form");
    if (!form) return;
    follow(form, "benefit", FOR_BENEFIT);
    follow(form, "code_kind", FOR_CODES);
  });
})();
