import decimal

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password

from store.models import (
    Address,
    Category,
    Customer,
    Order,
    PurchaseOrderLine,
    Review,
    StoredCard,
    Ticket,
    Variant,
)


class RegistrationForm(forms.Form):
    email = forms.EmailField()
    first_name = forms.CharField(max_length=80)
    last_name = forms.CharField(max_length=80)
    password = forms.CharField(widget=forms.PasswordInput, validators=[validate_password])
    marketing_opt_in = forms.BooleanField(required=False)

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if get_user_model().objects.filter(username=email).exists():
            raise forms.ValidationError("There is an account with this address already")
        return email


class AddressForm(forms.ModelForm):
    class Meta:
        model = Address
        exclude = ["customer", "created_at", "updated_at"]

    def clean_postcode(self):
        postcode = self.cleaned_data["postcode"].strip()
        if len(postcode) < 3:
            raise forms.ValidationError("This is not a postcode")
        return postcode


class CheckoutForm(forms.Form):
    address = forms.ModelChoiceField(Address.objects.none())
    method = forms.ChoiceField(choices=Order.METHODS)
    card = forms.ModelChoiceField(StoredCard.objects.none(), required=False)
    token = forms.CharField(required=False, widget=forms.HiddenInput)
    brand = forms.CharField(required=False, widget=forms.HiddenInput)
    remember = forms.BooleanField(required=False)
    notes = forms.CharField(required=False, widget=forms.Textarea)

    def __init__(self, *args, customer, **kwargs):
        super().__init__(*args, **kwargs)
        self.customer = customer
        self.fields["address"].queryset = Address.objects.filter(customer=customer)
        self.fields["card"].queryset = customer.cards.all()
        if not customer.is_trade:
            self.fields["method"].choices = [(Order.CARD, "Card")]

    def clean(self):
        data = super().clean()
        if data.get("method") == Order.CARD and not data.get("card") and not data.get("token"):
            raise forms.ValidationError("Please choose a card")
        return data


class ReturnForm(forms.Form):
    reason = forms.CharField(max_length=200)

    def __init__(self, *args, order, **kwargs):
        super().__init__(*args, **kwargs)
        self.order = order
        for line in order.lines.all():
            if line.returnable > 0:
                self.fields["line-%d" % line.pk] = forms.IntegerField(
                    min_value=0, max_value=line.returnable, required=False, label=line.description
                )

    def quantities(self):
        return {
            int(name[5:]): value
            for name, value in self.cleaned_data.items()
            if name.startswith("line-") and value
        }


class ReviewForm(forms.ModelForm):
    class Meta:
        model = Review
        fields = ["rating", "title", "body"]


class TicketForm(forms.Form):
    subject = forms.CharField(max_length=160)
    body = forms.CharField(widget=forms.Textarea)
    order = forms.ModelChoiceField(Order.objects.none(), required=False)

    def __init__(self, *args, customer, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["order"].queryset = Order.objects.filter(customer=customer)

    def clean_subject(self):
        subject = " ".join(self.cleaned_data["subject"].split())
        if Ticket.objects.filter(subject=subject, status=Ticket.OPEN).count() > 20:
            # the spam wave of 2022
            raise forms.ValidationError("Please describe your problem in other words")
        return subject


class StockCountForm(forms.Form):
    counted = forms.IntegerField(min_value=0)


class PurchaseOrderLineForm(forms.ModelForm):
    sku = forms.CharField(max_length=40)

    class Meta:
        model = PurchaseOrderLine
        fields = ["quantity", "unit_cost"]

    def clean_sku(self):
        variant = Variant.objects.filter(sku=self.cleaned_data["sku"]).first()
        if variant is None:
            raise forms.ValidationError("We do not sell this")
        self.instance.variant = variant
        return variant.sku


class CreditLimitForm(forms.Form):
    limit = forms.DecimalField(max_digits=12, decimal_places=2, min_value=decimal.Decimal(0))


class PriceChangeForm(forms.Form):
    category = forms.ModelChoiceField(Category.objects.all())
    percent = forms.DecimalField(min_value=-50, max_value=100)


class CustomerImportForm(forms.Form):
    """Used by the admin action only."""

    file = forms.FileField()

    def emails(self):
        content = self.cleaned_data["file"].read().decode("utf-8", "replace")
        found = {line.split(",")[0].strip().lower() for line in content.splitlines() if "@" in line}
        known = set(Customer.objects.filter(email__in=found).values_list("email", flat=True))
        return sorted(found - known), sorted(known)
